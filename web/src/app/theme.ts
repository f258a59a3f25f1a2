/* Mantine's theme: sizes, fonts and radii; colours come from tokens.css through mantine.css. */
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const terracotta: MantineColorsTuple = [
  '#fbeeea', '#f3d6ce', '#e8b3a5', '#de8f7b', '#d57259', '#cf6044', '#a8412a', '#a8412a', '#8f3521', '#762817',
];

export const theme = createTheme({
  primaryColor: 'terracotta',
  colors: { terracotta },
  primaryShade: { light: 6, dark: 4 },
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: "ui-monospace, 'SFMono-Regular', Menlo, Consolas, monospace",
  defaultRadius: 8,
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.5', sm: '1.5', md: '1.5' },
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { variant: 'default', size: 'sm' } },
    ActionIcon: { defaultProps: { variant: 'subtle', size: 'lg' } },
    Modal: { defaultProps: { radius: 12, padding: 24, centered: true } },
    Popover: { defaultProps: { withinPortal: false, shadow: 'md' } },
    // Mantine's placeholder for the first focus is no child that a menu may have (ARIA): the first item takes it.
    Menu: { defaultProps: { position: 'bottom-end', width: 240, withInitialFocusPlaceholder: false } },
    Select: { defaultProps: { allowDeselect: false, checkIconPosition: 'right' } },
  },
});

const shared = {
  '--mantine-color-body': 'var(--paper)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--soft)',
  '--mantine-color-error': 'var(--bad)',
  '--mantine-color-placeholder': 'var(--soft)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-default': 'var(--card)',
  '--mantine-color-default-hover': 'var(--sunk)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--edge)',
  '--mantine-primary-color-filled': 'var(--accent)',
  '--mantine-primary-color-filled-hover': 'var(--accent-hover)',
};

export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared });
