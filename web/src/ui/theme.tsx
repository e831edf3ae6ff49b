import { ConfigProvider, theme as antdTheme } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { createContext, useContext, useMemo, type ReactNode } from 'react';
import { darkPalette, lightPalette, type Palette } from '../lib/tiers';
import { usePreferences } from './preferences';

const PaletteContext = createContext<Palette>(lightPalette);

export const kFont =
  'ui-sans-serif, -apple-system, "Segoe UI", "Helvetica Neue", Arial, "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
export const kMono = 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';

/** Ant Design in our colours, and the palette for what we draw ourselves. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const { dark, language } = usePreferences();
  const palette = dark ? darkPalette : lightPalette;
  const config = useMemo(
    () => ({
      algorithm: dark ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
      token: {
        colorPrimary: palette.accent,
        colorInfo: palette.accent,
        colorLink: palette.accent,
        colorTextBase: palette.ink,
        colorBgBase: dark ? '#14171b' : '#ffffff',
        colorBgLayout: dark ? '#111418' : '#f6f5f1',
        colorBgContainer: palette.surface,
        colorBgElevated: dark ? '#22272e' : '#ffffff',
        colorBorder: dark ? '#3a424c' : '#d3d0c8',
        colorBorderSecondary: palette.line,
        colorTextSecondary: palette.muted,
        colorTextTertiary: palette.muted,
        colorTextPlaceholder: dark ? '#8a94a0' : '#6d747e',
        borderRadius: 6,
        fontFamily: kFont,
        fontFamilyCode: kMono,
        fontSize: 14,
        controlHeight: 32,
        motion: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      },
      components: {
        Button: { primaryColor: dark ? '#0d1b2a' : '#ffffff', primaryShadow: 'none' },
        Segmented: { trackBg: dark ? '#22272e' : '#eceae4' },
        Tooltip: { colorBgSpotlight: dark ? '#2e353e' : '#2a3038' },
        Drawer: { paddingLG: 20 },
      },
    }),
    [dark, palette],
  );
  return (
    <PaletteContext.Provider value={palette}>
      <ConfigProvider theme={config} locale={language === 'en' ? enUS : zhCN} wave={{ disabled: true }} button={{ autoInsertSpace: false }}>
        {children}
      </ConfigProvider>
    </PaletteContext.Provider>
  );
}

export function usePalette(): Palette {
  return useContext(PaletteContext);
}
