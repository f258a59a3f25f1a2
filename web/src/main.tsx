import { setNonce } from 'get-nonce';
import { createRoot } from 'react-dom/client';
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/source-serif-4/wght.css';
import '@mantine/core/styles.css';
import './app/tokens.css';
import './app/base.css';
import './app/mantine.css';
import './app/shell.css';
import './ui/ui.css';
import './ui/table.css';
import { App } from './app/App';
import { styleNonce } from './lib/nonce';

setNonce(styleNonce());
const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
