/* The route table of the made-up shop. */
import type { ServerResponse } from 'node:http';
import { homeRoutes } from './home.ts';
import { peopleRoutes } from './people.ts';
import { restRoutes } from './rest.ts';
import { sessionRoutes } from './session.ts';

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  text: string;
  json: Record<string, unknown>;
  mode: string;
}

export interface Reply {
  status: number;
  body?: unknown;
  type?: string;
  cookie?: string;
}

export type Answer = Reply | 'streaming';
/** "GET /api/people/:id" -> handler; the matched parts come as `ids`. */
export type Routes = Record<string, (call: Call, ids: string[], response: ServerResponse) => Answer>;

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const refuse = (status: number, code: string, message: string, fields: { field: string; message: string }[] = []): Reply => ({
  status, body: { error: { code, message, fields } },
});

const table: Routes = { ...sessionRoutes, ...homeRoutes, ...peopleRoutes, ...restRoutes };
const compiled = Object.entries(table).map(([key, handle]) => {
  const [method = '', path = ''] = key.split(' ');
  return { method, pattern: new RegExp(`^${path.replace(/:\w+/g, '([^/]+)')}$`), handle };
});

export function answerOf(call: Call, response: ServerResponse): Answer {
  if (call.mode === 'broken' && !call.path.startsWith('/api/session')) return refuse(503, 'unavailable', 'the database does not answer');
  for (const { method, pattern, handle } of compiled) {
    const match = method === call.method ? pattern.exec(call.path) : null;
    if (match) return handle(call, match.slice(1), response);
  }
  return refuse(404, 'not-found', `no route ${call.path}`);
}
