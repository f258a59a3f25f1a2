/* Whole seconds until a moment, counted down while somebody looks. */
import { useEffect, useState } from 'react';

const left = (at: number) => Math.max(0, Math.ceil((at - Date.now()) / 1000));

export function useSecondsUntil(at: number): number {
  const [seconds, setSeconds] = useState(left(at));
  useEffect(() => {
    setSeconds(left(at));
    const timer = setInterval(() => setSeconds(left(at)), 250);
    return () => clearInterval(timer);
  }, [at]);
  return seconds;
}
