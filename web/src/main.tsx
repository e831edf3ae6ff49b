import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter, RouterProvider } from 'react-router-dom';
import { ApiError, onUnauthenticated } from './api/client';
import { PreferencesProvider } from './ui/preferences';
import { Shell } from './ui/Shell';
import { ThemeProvider } from './ui/theme';
import './ui/style.css';

const HourglassPage = lazy(() => import('./pages/HourglassPage'));
const PeoplePage = lazy(() => import('./pages/PeoplePage'));
const PersonPage = lazy(() => import('./pages/PersonPage'));
const ChangesPage = lazy(() => import('./pages/ChangesPage'));
const DemandPage = lazy(() => import('./pages/DemandPage'));
const ClassesPage = lazy(() => import('./pages/ClassesPage'));
const IdentitiesPage = lazy(() => import('./pages/IdentitiesPage'));
const LivePage = lazy(() => import('./pages/LivePage'));
const WhatIfPage = lazy(() => import('./pages/WhatIfPage'));
const TruthPage = lazy(() => import('./pages/TruthPage'));
const ValuePage = lazy(() => import('./pages/ValuePage'));
const SystemPage = lazy(() => import('./pages/SystemPage'));
const AccessPage = lazy(() => import('./pages/AccessPage'));
const AccountPage = lazy(() => import('./pages/AccountPage'));
const WelcomePage = lazy(() => import('./pages/WelcomePage'));
const MissingPage = lazy(() => import('./pages/MissingPage'));

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      // A refusal stays a refusal; only what may pass by itself is asked again.
      retry: (count, error) => count < 2 && error instanceof ApiError && (error.status === 0 || error.status === 503),
    },
  },
});

// A session that is over is noticed by whatever is asked next; the login then takes the screen.
onUnauthenticated(() => void queries.invalidateQueries({ queryKey: ['me'] }));

const router = createBrowserRouter(
  [
    { path: '/welcome', element: <Suspense><WelcomePage /></Suspense> },
    {
      path: '/',
      element: <Shell />,
      children: [
        { index: true, element: <HourglassPage /> },
        { path: 'people', element: <PeoplePage /> },
        { path: 'people/:id', element: <PeoplePage /> },
        { path: 'person/:id', element: <PersonPage /> },
        { path: 'classes', element: <ClassesPage /> },
        { path: 'changes', element: <ChangesPage /> },
        { path: 'demand', element: <DemandPage /> },
        { path: 'identities', element: <IdentitiesPage /> },
        { path: 'live', element: <LivePage /> },
        { path: 'value', element: <ValuePage /> },
        { path: 'what-if', element: <WhatIfPage /> },
        { path: 'truth', element: <TruthPage /> },
        { path: 'system', element: <SystemPage /> },
        { path: 'access', element: <AccessPage /> },
        { path: 'account', element: <AccountPage /> },
        { path: '*', element: <MissingPage /> },
      ],
    },
  ],
  { future: { v7_relativeSplatPath: true, v7_fetcherPersist: true, v7_normalizeFormMethod: true, v7_partialHydration: true, v7_skipActionErrorRevalidation: true } },
);

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <PreferencesProvider>
          <ThemeProvider>
            <RouterProvider router={router} future={{ v7_startTransition: true }} />
          </ThemeProvider>
        </PreferencesProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
