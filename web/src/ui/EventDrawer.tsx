import { Button, Drawer } from 'antd';
import { useState, type ReactNode } from 'react';
import { useOriginal } from '../api/queries';
import { prettyJson, showHidden } from '../lib/escape';
import { formatCount } from '../lib/format';
import { ErrorState, Loading } from './bits';
import { useUrl, useWordOf } from './hooks';
import { usePreferences } from './preferences';

/** Opens the original of an event; the URL then names it. */
export function EventLink({ ordinal, children }: { ordinal: number; children: ReactNode }) {
  const [, setUrl] = useUrl();
  return (
    <button type="button" className="event-link" data-ordinal={ordinal} onClick={() => setUrl({ event: String(ordinal) })}>
      {children}
    </button>
  );
}

/** One event as it stands in the log, as text. */
export function EventDrawer({ ordinal, onClose }: { ordinal: number | null; onClose: () => void }) {
  const { t, language } = usePreferences();
  const wordOf = useWordOf();
  const original = useOriginal(ordinal);
  return (
    <Drawer
      open={ordinal !== null}
      onClose={onClose}
      width="min(560px, 100vw)"
      rootClassName="event-drawer"
      title={original.data ? wordOf('kinds', original.data.kind) : t('event.title')}
      destroyOnHidden
    >
      {ordinal !== null && original.isPending && <Loading rows={6} />}
      {original.isError && <ErrorState error={original.error} />}
      {original.data && (
        <>
          <p className="muted">{t('event.place', { n: formatCount(original.data.ordinal, language) })}</p>
          <Json value={original.data.event} />
          <p className="muted small">{t('event.hint')}</p>
        </>
      )}
    </Drawer>
  );
}

/** JSON for reading, always as text. */
export function Json({ value }: { value: unknown }) {
  const { t } = usePreferences();
  const [copied, setCopied] = useState(false);
  const text = prettyJson(value);
  return (
    <div className="json">
      <Button
        size="small"
        onClick={() => {
          void navigator.clipboard?.writeText(text).then(() => setCopied(true), () => setCopied(false));
        }}
      >
        {copied ? t('action.copied') : t('action.copy')}
      </Button>
      <pre tabIndex={0}>{showHidden(text)}</pre>
    </div>
  );
}
