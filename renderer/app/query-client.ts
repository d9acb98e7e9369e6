import { QueryClient } from '@tanstack/react-query'

/** Makes the store of kept answers. */
export const makeQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      // Answers come from this computer: the network says nothing about them, and events tell when they are old.
      queries: {
        networkMode: 'always',
        retry: false,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        staleTime: 5000,
      },
      mutations: { networkMode: 'always' },
    },
  })
