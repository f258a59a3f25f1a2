import { useMediaQuery } from '@mantine/hooks';

/** Under 700 px: the phone's layout. */
export const useNarrow = () => useMediaQuery('(max-width: 699px)', undefined, { getInitialValueInEffect: false }) ?? false;
