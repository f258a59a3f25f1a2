/* The small controls of a sentence: a menu of few, a menu to search in, a number, a day. */
import { Autocomplete, NumberInput, Select, type ComboboxData } from '@mantine/core';
import { useText } from '@lib/text';

interface PickProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}

/** A menu of few: the browser's own, which phones show best. */
export function Pick<T extends string>({ label, value, options, onChange }: PickProps<T>) {
  return (
    <span className="b-pick">
      <select aria-label={label} value={value} onChange={(event) => { const chosen = options.find((one) => one.value === event.currentTarget.value); if (chosen) onChange(chosen.value); }}>
        {options.map((one) => <option key={one.value} value={one.value}>{one.label}</option>)}
      </select>
    </span>
  );
}

interface ChooseProps {
  label: string;
  value: string;
  data: ComboboxData;
  placeholder: string;
  nothing: string;
  /** What an option says beside its name. */
  notes?: Record<string, string>;
  onChange: (value: string) => void;
}

/** A menu of many, to search in. */
export function Choose({ label, value, data, placeholder, nothing, notes, onChange }: ChooseProps) {
  return (
    <Select
      className="b-choose" aria-label={label} searchable data={data} value={value || null} placeholder={placeholder} nothingFoundMessage={nothing} withCheckIcon={false}
      maxDropdownHeight={320} comboboxProps={{ width: 'max-content', position: 'bottom-start' }} error={value === ''} onChange={(chosen) => { if (chosen !== null) onChange(chosen); }}
      renderOption={({ option }) => <span className="b-option"><span>{option.label}</span>{notes?.[option.value] ? <span className="small num">{notes[option.value]}</span> : null}</span>}
    />
  );
}

export function Amount({ label, value, wide, onChange }: { label: string; value: number | null; wide?: boolean; onChange: (value: number | null) => void }) {
  const { language } = useText();
  return (
    <NumberInput
      className={wide ? 'b-number wide' : 'b-number'} aria-label={label} hideControls value={value ?? ''} error={value === null} decimalScale={6}
      decimalSeparator={language === 'de' ? ',' : '.'} allowedDecimalSeparators={['.', ',']} inputMode="decimal"
      onChange={(next) => onChange(typeof next === 'number' ? next : next === '' || Number.isNaN(Number(next)) ? null : Number(next))}
    />
  );
}

export function Day({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const plain = value === '' || /^\d{4}-\d{2}-\d{2}$/.test(value);
  return <input className="b-day" aria-label={label} aria-invalid={value === ''} type={plain ? 'date' : 'text'} value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
}

/** Any text, with suggestions. */
export function Words({ label, value, data, names, onChange }: { label: string; value: string; data: string[]; names?: (value: string) => string; onChange: (value: string) => void }) {
  return (
    <Autocomplete
      className="b-words" aria-label={label} value={value} data={[...new Set(data)]} error={value === ''} onChange={onChange} limit={20} maxDropdownHeight={320}
      comboboxProps={{ width: 'max-content', position: 'bottom-start' }} renderOption={({ option }) => <span>{names ? names(option.value) : option.value}</span>}
    />
  );
}
