// Asks DuckDB or PostgreSQL what bench/beside.py says, and how long each answer took.
//
//     node ask.mjs duckdb FILE | postgres URL
//
// Reads one JSON object a line, {"sql": "…"}, and answers each with {"rows": [[…]], "ms": …} or
// {"error": "…"}; values are texts. The time is from sending to having all rows.
import { createInterface } from 'node:readline';

async function duckdb(file) {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(file, { threads: '2', memory_limit: '10GB' });
    const connection = await instance.connect();
    return async (sql) => (await connection.runAndReadAll(sql)).getRowsJson();
}

async function postgres(url) {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return async (sql) => {
        const result = await client.query({ text: sql, rowMode: 'array' });
        return result.rows ?? [];
    };
}

const [kind, where] = process.argv.slice(2);
const ask = await (kind === 'duckdb' ? duckdb(where) : postgres(where));
for await (const line of createInterface({ input: process.stdin })) {
    const started = process.hrtime.bigint();
    let reply;
    try {
        const rows = await ask(JSON.parse(line).sql);
        reply = { rows, ms: Number(process.hrtime.bigint() - started) / 1e6 };
    } catch (error) {
        reply = { error: String(error.message ?? error) };
    }
    process.stdout.write(JSON.stringify(reply, (_, value) =>
        typeof value === 'bigint' ? String(value) : value) + '\n');
}
process.exit(0);
