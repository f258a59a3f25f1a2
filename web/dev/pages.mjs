// Every page of the UI in the states worth a look.
export const PAGES = [
  { name: 'home', path: '/' },
  { name: 'home-empty', path: '/', mode: 'empty' },
  { name: 'home-demo', path: '/', mode: 'demo' },
  { name: 'home-broken', path: '/', mode: 'broken', wait: '[role=alert]', allow: '503', settle: 200 },
  { name: 'home-sure', path: '/', full: false, act: async (page) => { await page.click('.how >> nth=0'); await page.waitForTimeout(300); } },
  { name: 'people', path: '/people', full: false },
  { name: 'people-quiet', path: '/people?group=quiet', full: false },
  { name: 'people-empty', path: '/people', mode: 'empty' },
  { name: 'people-add', path: '/people', full: false, act: async (page) => { await page.click('.page-acts button'); await page.waitForTimeout(300); } },
  { name: 'person', path: '/people/100006' },
  { name: 'person-buy', path: '/people/100006', full: false, act: async (page) => { await page.click('.page-acts button'); await page.waitForTimeout(400); } },
  { name: 'search', path: '/', full: false, act: async (page) => { await page.keyboard.press('Control+k'); await page.keyboard.type('ana 1'); await page.waitForTimeout(500); } },
];
