/* Language, formats and zone for every component: const { t, f } = useText(). */
import { createContext, useContext, useEffect, useMemo, type ReactNode } from 'react';
import { formatFor, type Format } from './format';
import { languageOf, richParts, translator, type Key, type Language, type Params, type Translate } from './i18n';

interface Text {
  t: Translate;
  f: Format;
  language: Language;
  zone: string;
  currency: string;
}

const initial = languageOf(typeof navigator === 'undefined' ? 'en' : navigator.language);
const Context = createContext<Text>({
  t: translator(initial), f: formatFor(initial, 'UTC'), language: initial, zone: 'UTC', currency: 'EUR',
});

interface Props {
  language: string | null | undefined;
  zone: string | null | undefined;
  currency: string | null | undefined;
  children: ReactNode;
}

const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function TextProvider({ language, zone, currency, children }: Props) {
  const value = useMemo<Text>(() => {
    const spoken = languageOf(language ?? navigator.language);
    const place = zone || browserZone();
    return {
      t: translator(spoken), f: formatFor(spoken, place), language: spoken, zone: place, currency: currency || 'EUR',
    };
  }, [language, zone, currency]);
  useEffect(() => {
    document.documentElement.lang = value.language;
  }, [value.language]);
  return <Context value={value}>{children}</Context>;
}

export const useText = () => useContext(Context);

/** A catalogue text whose <b> parts are set bold. */
export function Rich({ k, p }: { k: Key; p?: Params }) {
  const { t } = useText();
  return (
    <>
      {richParts(t(k, p)).map((part, index) => (part.bold ? <b key={index}>{part.text}</b> : part.text))}
    </>
  );
}
