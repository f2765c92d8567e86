/* global fetch, URLSearchParams */
// Run on the Superset host: logs in as a browser does, opens the dashboard, and asks each data set of its charts for
// the rows that Druid has. Prints one line of JSON.
const { ADDRESS, PASSWORD } = process.env;
const cookies = new Map();

/** A request with the cookies so far; `fetch` alone keeps none. */
async function ask(path, init = {}) {
  const headers = { ...init.headers, cookie: [...cookies].map((pair) => pair.join('=')).join('; ') };
  const response = await fetch(`${ADDRESS}${path}`, { ...init, headers, redirect: 'manual' });
  for (const cookie of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
    cookies.set(name, value);
  }
  return response;
}

async function json(path, init) {
  const response = await ask(path, init);
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${path} answers ${response.status}: ${text.slice(0, 300)}`);
  }
  return JSON.parse(text);
}

const form = await (await ask('/login/')).text();
const [, token] = /name="csrf_token"[^>]*value="([^"]+)"/.exec(form) ?? /"csrf_token"[^"]*"([^"]+)"/.exec(form) ?? [];
const login = await ask('/login/', {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', referer: `${ADDRESS}/login/` },
  body: new URLSearchParams({ username: 'admin', password: PASSWORD, ...(token && { csrf_token: token }) }),
});
if (login.status !== 302 || /login/.test(login.headers.get('location') ?? '')) {
  throw new Error(`the login is answered with ${login.status} to ${login.headers.get('location')}`);
}

const page = (await ask('/superset/dashboard/igrid/')).status;
const charts = (await json('/api/v1/dashboard/igrid/charts')).result;
const { result: csrf } = await json('/api/v1/security/csrf_token/');
const rows = {};
for (const { id, table_name: name } of (await json('/api/v1/dataset/?q=(page_size:100)')).result) {
  const answer = await json('/api/v1/chart/data', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrftoken': csrf, referer: ADDRESS },
    body: JSON.stringify({
      datasource: { id, type: 'table' },
      force: true,
      queries: [{ columns: [], metrics: [{ expressionType: 'SQL', sqlExpression: 'COUNT(*)', label: 'n' }] }],
    }),
  });
  rows[name] = answer.result[0].data[0]?.n ?? 0;
}
console.log(JSON.stringify({ page, charts: charts.length, rows }));
