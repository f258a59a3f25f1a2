/* The one door to the server: same-origin JSON, CSRF token on every change, typed errors. */

import type { BadField, ErrorDetail, Reason } from '@generated/api';

/** An answer outside 2xx, or no answer at all (status 0, code "offline"). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: BadField[] = [],
    readonly reason: Reason | null = null,
  ) {
    super(message);
  }

  /** What is wrong with one form field, if the server named it. */
  field(name: string): BadField | undefined {
    return this.fields.find((entry) => entry.field === name);
  }
}

interface ErrorBody {
  error?: Partial<ErrorDetail>;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

let csrfToken = '';
let onSignedOut: () => void = () => undefined;

export function setCsrf(token: string): void {
  csrfToken = token;
}

/** Called when the server says that the session ended. */
export function setSignedOutHandler(handler: () => void): void {
  onSignedOut = handler;
}

async function errorOf(response: Response): Promise<ApiError> {
  let body: ErrorBody = {};
  try {
    body = (await response.json()) as ErrorBody;
  } catch {
    body = {};
  }
  const { code = 'internal', message = response.statusText, fields, reason } = body.error ?? {};
  return new ApiError(response.status, code, message, fields ?? [], reason ?? null);
}

function headersFor(method: Method, type?: string): Record<string, string> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-CSRF-Token'] = csrfToken;
  if (type) headers['Content-Type'] = type;
  return headers;
}

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, 'offline', 'no answer from the server');
  }
  if (response.ok) return response;
  const error = await errorOf(response);
  if (error.status === 401 && !path.startsWith('/api/session')) onSignedOut();
  throw error;
}

async function call<T>(method: Method, path: string, json?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await send(path, {
    method,
    headers: headersFor(method, json === undefined ? undefined : 'application/json'),
    body: json === undefined ? null : JSON.stringify(json),
    signal: signal ?? null,
  });
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>('GET', path, undefined, signal);
/** Without `json` no body is sent: a route that expects none refuses one. */
export const post = <T = void>(path: string, json?: unknown, signal?: AbortSignal) => call<T>('POST', path, json, signal);
export const put = <T = void>(path: string, json: unknown = {}) => call<T>('PUT', path, json);
export const del = <T = void>(path: string) => call<T>('DELETE', path);

/** A file that the server makes: asked with JSON, taken as it comes. */
export async function postForFile(path: string, json: unknown): Promise<Blob> {
  const response = await send(path, { method: 'POST', headers: headersFor('POST', 'application/json'), body: JSON.stringify(json) });
  return response.blob();
}

/** Sends a file as the raw body with progress from 0 to 1 (fetch cannot tell it). */
export function upload<T>(path: string, file: Blob, onProgress: (share: number) => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.setRequestHeader('X-CSRF-Token', csrfToken);
    request.setRequestHeader('Content-Type', 'text/csv');
    request.upload.onprogress = (event) => onProgress(event.total > 0 ? event.loaded / event.total : 0);
    request.onerror = () => reject(new ApiError(0, 'offline', 'no answer from the server'));
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        resolve(JSON.parse(request.responseText) as T);
        return;
      }
      void errorOf(new Response(request.responseText || '{}', { status: request.status || 500 })).then(reject);
    };
    request.send(file);
  });
}

/** Builds "path?a=1&b=2", leaving out what is empty. */
export function withQuery(path: string, query: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}
