/* What happened, and what followed: from JSON and back. Pure. */
import { dict, isDict, isText, only, type Dict, type Json } from './json';
import { readWhere, writeWhere, type Where } from './test';
import { readSpan, writeSpan, type Span } from './window';

export interface Happening {
  event: string;
  where: Where;
}
/** `not`: it did not follow; only the last step of a sequence may say so. */
export interface Then extends Happening {
  not: boolean;
  within: Span | null;
}
export const STEPS_MAX = 4;

export const nothing = (): Happening => ({ event: '', where: { join: 'and', tests: [] } });
export const blankThen = (): Then => ({ ...nothing(), not: false, within: { number: 7, unit: 'days' } });

export function readHappening(json: Json | undefined): Happening | null {
  if (!isDict(json) || !isText(json.event) || !only(json, 'event', 'where')) return null;
  const where = readWhere(json.where);
  return where && { event: json.event, where };
}

export function writeHappening({ event, where }: Happening): Dict | null {
  const inner = writeWhere(where);
  return event === '' || inner === null ? null : dict({ event, where: inner });
}

function readStep(step: Json | undefined, not: boolean): Then | null {
  if (!isDict(step) || !isText(step.event) || !only(step, 'event', 'where', 'within')) return null;
  const [where, within] = [readWhere(step.where), step.within === undefined ? undefined : readSpan(step.within)];
  return where && within !== null ? { event: step.event, where, not, within: within ?? null } : null;
}

/** The steps behind the first; null: they say what no menu has. */
export function readSteps(json: Dict): Then[] | null {
  const then = json.then === undefined ? [] : json.then;
  if (!Array.isArray(then)) return null;
  const steps = [...then.map((step) => readStep(step, false)), ...('not_then' in json ? [readStep(json.not_then, true)] : [])];
  return steps.every((step) => step !== null) && steps.length <= STEPS_MAX ? steps : null;
}

function writeStep(step: Then): Dict | null {
  const [next, within] = [writeHappening(step), step.within ? writeSpan(step.within) : undefined];
  return next === null || within === null ? null : dict({ ...next, within });
}

export function writeSteps(steps: Then[]): Dict | null {
  const written = steps.map(writeStep);
  if (!written.every((step) => step !== null)) return null;
  const last = steps.at(-1)?.not ? written.at(-1) : undefined;
  const then = last ? written.slice(0, -1) : written;
  return dict({ then: then.length > 0 ? then : undefined, not_then: last });
}
