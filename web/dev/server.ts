/* The development server's answers: the API of Kith over a made-up shop in memory. Never bundled.
 *
 * Which shop is shown is chosen by the cookie `mock`: rich (default), empty, demo, signedout, setup, broken.
 * The preview of the built bundle also sends the strict policy that `kith serve` sends. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connect, Plugin } from 'vite';
import { answerOf, type Call } from './routes.ts';

function modeOf(request: IncomingMessage): string {
  return /(?:^|;\s*)mock=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? process.env.KITH_MOCK ?? 'rich';
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const text = await bodyOf(request);
  const call: Call = {
    method: request.method ?? 'GET', path: url.pathname, query: url.searchParams, text, json: jsonOf(text), mode: modeOf(request),
  };
  const reply = answerOf(call, response);
  if (reply === 'streaming') return;
  response.statusCode = reply.status;
  response.setHeader('Content-Type', reply.type ?? 'application/json');
  if (reply.cookie) response.setHeader('Set-Cookie', `mock=${reply.cookie}; Path=/`);
  response.end(reply.type ? String(reply.body) : JSON.stringify(reply.body ?? {}));
}

const api: Connect.NextHandleFunction = (request, response, next) => {
  if (!request.url?.startsWith('/api/')) {
    next();
    return;
  }
  void answer(request, response);
};

/** As `kith serve` does: a fresh nonce in the page and in the policy. */
const strictPage: Connect.NextHandleFunction = (request, response, next) => {
  if (request.url?.includes('.') || request.method !== 'GET') {
    next();
    return;
  }
  const nonce = randomBytes(16).toString('base64');
  response.setHeader('Content-Security-Policy', [
    "default-src 'none'", "script-src 'self'", `style-src 'self' 'nonce-${nonce}'`, "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
  ].join('; '));
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.end(readFileSync('dist/index.html', 'utf8').replaceAll('__KITH_NONCE__', nonce));
};

export function mockShop(): Plugin {
  return {
    name: 'kith-mock-shop',
    configureServer: (server) => { server.middlewares.use(api); },
    configurePreviewServer: (server) => {
      server.middlewares.use(api);
      server.middlewares.use(strictPage);
    },
  };
}
