import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import type { Language } from '../lib/format';
import { textOf, textOrName, type TextKey, type TextValues } from '../i18n/text';

export type ThemeChoice = 'light' | 'dark' | 'system';

interface Preferences {
  language: Language;
  setLanguage: (language: Language) => void;
  themeChoice: ThemeChoice;
  setThemeChoice: (choice: ThemeChoice) => void;
  dark: boolean;
  t: (key: TextKey, values?: TextValues) => string;
  /** Text for a name that comes from the server, such as an event kind. */
  named: (prefix: string, name: string) => string;
}

const PreferencesContext = createContext<Preferences | null>(null);

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage may be switched off; the choice then lasts as long as the page.
  }
}

function firstLanguage(): Language {
  const chosen = stored('guanxi.language');
  if (chosen === 'zh-CN' || chosen === 'en') return chosen;
  return /^zh/i.test(navigator.language) ? 'zh-CN' : 'en';
}
function firstTheme(): ThemeChoice {
  const chosen = stored('guanxi.theme');
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [language, setLanguageState] = useState<Language>(firstLanguage);
  const [themeChoice, setThemeState] = useState<ThemeChoice>(firstTheme);
  const [systemDark, setSystemDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);

  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const listen = (event: MediaQueryListEvent) => setSystemDark(event.matches);
    query.addEventListener('change', listen);
    return () => query.removeEventListener('change', listen);
  }, []);

  const dark = themeChoice === 'dark' || (themeChoice === 'system' && systemDark);
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  }, [dark]);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);

  const setLanguage = useCallback((next: Language) => {
    store('guanxi.language', next);
    setLanguageState(next);
  }, []);
  const setThemeChoice = useCallback((next: ThemeChoice) => {
    store('guanxi.theme', next);
    setThemeState(next);
  }, []);

  const value = useMemo<Preferences>(
    () => ({
      language,
      setLanguage,
      themeChoice,
      setThemeChoice,
      dark,
      t: (key, values) => textOf(language, key, values),
      named: (prefix, name) => textOrName(language, prefix, name),
    }),
    [language, setLanguage, themeChoice, setThemeChoice, dark],
  );
  return <PreferencesContext.Provider value={value}>{children}</PreferencesContext.Provider>;
}

export function usePreferences(): Preferences {
  const value = useContext(PreferencesContext);
  if (!value) throw new Error('usePreferences outside of PreferencesProvider');
  return value;
}
