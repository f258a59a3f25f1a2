/* Any period, in any zone. */
import { Select, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { zones } from '@lib/places';
import { useText } from '@lib/text';
import { PRESET_KEYS, PRESETS, type Preset } from '../model/range';

interface Props {
  preset: Preset;
  from: string;
  to: string;
  zone: string;
  onChange: (changes: Record<string, string | null>) => void;
}

export function RangeBar({ preset, from, to, zone, onChange }: Props) {
  const { t, zone: own } = useText();
  const places = useMemo(() => zones(), []);
  return (
    <div className="range">
      <Select
        aria-label={t('figure.period')} data={PRESETS.map((value) => ({ value, label: t(PRESET_KEYS[value]) }))} value={preset}
        onChange={(period) => onChange({ period, ...(period === 'own' ? {} : { from: null, to: null }) })}
      />
      {preset === 'own' ? (
        <>
          <TextInput type="date" aria-label={t('range.from')} value={from} onChange={(event) => onChange({ from: event.currentTarget.value })} />
          <TextInput type="date" aria-label={t('range.to')} value={to} onChange={(event) => onChange({ to: event.currentTarget.value })} />
        </>
      ) : null}
      <Select aria-label={t('business.zone')} searchable data={places} value={zone || own} onChange={(value) => onChange({ zone: value === own ? null : value })} />
    </div>
  );
}
