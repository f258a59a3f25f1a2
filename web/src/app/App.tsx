/* Providers around the routes: query cache, look, session and language, words after an act. */
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from 'react-router';
import { styleNonce } from '@lib/nonce';
import { queryClient } from '@lib/query';
import { Toaster } from '@ui/toast';
import { router } from './routes';
import { SessionProvider } from './session';
import { cssVariables, theme } from './theme';

export function App() {
  return (
    <MantineProvider
      theme={theme} defaultColorScheme="auto" cssVariablesResolver={cssVariables} getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={queryClient}>
        <SessionProvider>
          <RouterProvider router={router} />
          <Toaster />
        </SessionProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
