/* The session as every part reads it. */
import { createContext, useContext } from 'react';
import type { Session } from './types';

export const SESSION_KEY = ['session'] as const;
const NOBODY: Session = { user: null, csrf: '', needs_setup: false, business: null, demo: false, version: '' };
export const SessionContext = createContext<Session>(NOBODY);
export const useSession = () => useContext(SessionContext);
