import type { ReactNode } from 'react';
import { BrandName, LanguageSwitch, Seal, ThemeSwitch } from './Shell';
import { usePreferences } from './preferences';

/** The frame of what is seen before anybody is known. */
export function DoorFrame({ title, children }: { title: string; children: ReactNode }) {
  const { t } = usePreferences();
  return (
    <div className="door">
      <div className="door-switches switches"><LanguageSwitch /><ThemeSwitch /></div>
      <main className="door-card panel" id="main">
        <div className="brand" aria-label={t('app.name')}>
          <Seal />
          <BrandName />
        </div>
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  );
}
