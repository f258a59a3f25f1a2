// The peer of the ingest bench: what a good team would write in an afternoon with fastify and
// PostgreSQL. One multi-row insert a batch, a unique message id, answered after the commit.
//
//     node server.mjs --port 8500 --database postgres://… [--workers 2]
//
// `unnest` of arrays makes one prepared statement for any batch size, which is the fastest form of a
// multi-row insert that node-postgres has (faster than a VALUES list of the same rows).
import cluster from 'node:cluster';
import { parseArgs } from 'node:util';
import Fastify from 'fastify';
import pg from 'pg';

const { values: options } = parseArgs({
    options: {
        port: { type: 'string', default: '8500' },
        database: { type: 'string' },
        workers: { type: 'string', default: '2' },
    },
});

const SCHEMA = `CREATE TABLE IF NOT EXISTS event (
    message_id text PRIMARY KEY,
    user_id text,
    anonymous_id text,
    type text NOT NULL,
    name text,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    properties json,
    context json)`;

const INSERT = `INSERT INTO event (message_id, user_id, anonymous_id, type, name, occurred_at,
        received_at, properties, context)
    SELECT m, u, a, t, n, o, $7, p, c
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
        $8::json[], $9::json[]) AS r(m, u, a, t, n, o, p, c)
    ON CONFLICT (message_id) DO NOTHING`;

function columns(events) {
    const pick = (read) => events.map((event) => read(event) ?? null);
    return [
        pick((e) => e.messageId), pick((e) => e.userId), pick((e) => e.anonymousId),
        pick((e) => e.type), pick((e) => e.event ?? e.name), pick((e) => e.timestamp),
        new Date().toISOString(),
        pick((e) => JSON.stringify(e.properties)), pick((e) => JSON.stringify(e.context)),
    ];
}

async function serve() {
    const pool = new pg.Pool({ connectionString: options.database, max: 8 });
    const app = Fastify({ bodyLimit: 4 * 1024 * 1024 });
    app.post('/v1/batch', async (request) => {
        await pool.query({ name: 'insert', text: INSERT, values: columns(request.body.batch) });
        return { success: true };
    });
    await app.listen({ port: Number(options.port), host: '127.0.0.1' });
    console.log('ready');
}

async function main() {
    if (!cluster.isPrimary) return serve();
    const setup = new pg.Client({ connectionString: options.database });
    await setup.connect();
    await setup.query(SCHEMA);
    await setup.end();
    for (let i = 0; i < Number(options.workers); i++) cluster.fork();
    process.on('SIGTERM', () => process.exit(0));
}

await main();
