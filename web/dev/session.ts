import { ok, refuse, type Routes } from './routes.ts';

const business = { name: 'Harbour & Loom', currency: 'GBP', zone: 'Europe/London', language: 'en', gap_days: 58 };
const owner = { id: '1', name: 'Mara Quinn', email: 'mara@harbourloom.example', role: 'owner', language: process.env.KITH_MOCK_LANGUAGE ?? 'en' };

export const sessionRoutes: Routes = {
  'GET /api/session': ({ mode }) => ok({
    user: mode === 'signedout' || mode === 'setup' ? null : owner, csrf: 'mock', needs_setup: mode === 'setup',
    business: mode === 'setup' ? null : business, demo: mode === 'demo', version: '0.1.0',
  }),
  'POST /api/session': ({ json }) => (json.password === 'wrong'
    ? refuse(401, 'unauthenticated', 'email or password is wrong') : { status: 200, body: {}, cookie: 'rich' }),
  'DELETE /api/session': () => ({ status: 200, body: {}, cookie: 'signedout' }),
  'POST /api/setup': ({ json }) => (String(json.password ?? '').length < 10
    ? refuse(400, 'invalid', 'the account has errors', [{ field: 'password', message: 'at least 10 characters' }])
    : { status: 200, body: {}, cookie: 'empty' }),
  'GET /api/links/:token': () => ok({ purpose: 'invite', email: 'tom@harbourloom.example', name: 'Tom Hughes' }),
  'POST /api/links/:token': () => ({ status: 200, body: {}, cookie: 'rich' }),
  'GET /api/business': () => ok({ ...business, proposed_gap_days: 61 }),
  'PUT /api/business': ({ json }) => { Object.assign(business, json); return ok({ ...business, proposed_gap_days: 61 }); },
};
