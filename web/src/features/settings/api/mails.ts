/* Good manners and the looks of mailings. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { MailDesign, Manners } from '@generated/api';
import { get, put } from '@lib/api';

export type { MailDesign, Manners } from '@generated/api';

const MANNERS = ['settings', 'manners'];
const DESIGN = ['settings', 'design'];

export const useManners = () => useQuery({ queryKey: MANNERS, queryFn: ({ signal }) => get<Manners>('/api/mail/manners', signal) });
export const useDesign = () => useQuery({ queryKey: DESIGN, queryFn: ({ signal }) => get<MailDesign>('/api/mail/design', signal) });

function useKeep<T>(path: string, key: string[]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: T) => put<T>(path, input),
    onSuccess: (kept) => {
      client.setQueryData(key, kept);
      return client.invalidateQueries({ queryKey: ['mailings'] });
    },
  });
}

export const useMannersSave = () => useKeep<Manners>('/api/mail/manners', MANNERS);
export const useDesignSave = () => useKeep<MailDesign>('/api/mail/design', DESIGN);
