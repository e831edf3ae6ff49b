import { Component, type ReactNode } from 'react';
import { ErrorState } from './bits';

/** Keeps the frame standing when one screen fails to draw. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override render() {
    if (this.state.error !== null) {
      return (
        <div className="page">
          <ErrorState error={this.state.error} retry={() => this.setState({ error: null })} />
        </div>
      );
    }
    return this.props.children;
  }
}
