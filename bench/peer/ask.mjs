// Asks DuckDB or PostgreSQL what bench/beside.py says, and how long each answer took.
//
//     node ask.mjs duckdb FILE | postgres URL
//
// Reads one JSON object a line, {"sql": "…", "limit_s": …}, and answers each with {"rows": [[…]], "ms": …},
// {"slow": true} when it took longer than the limit, or {"error": "…"}. The time is from sending to having
// all rows.
import { createInterface } from 'node:readline';

async function duckdb(file) {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(file, { threads: '2', memory_limit: '10GB' });
    const connection = await instance.connect();
    return async (sql, limitMs) => {
        const timer = setTimeout(() => connection.interrupt(), limitMs);
        try {
            return (await connection.runAndReadAll(sql)).getRowsJson();
        } finally {
            clearTimeout(timer);
        }
    };
}

async function postgres(url) {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return async (sql, limitMs) => {
        await client.query(`SET statement_timeout = ${Math.round(limitMs)}`);
        const started = process.hrtime.bigint();
        const result = await client.query({ text: sql, rowMode: 'array' });
        return Object.assign(result.rows ?? [], { started });
    };
}

const [kind, where] = process.argv.slice(2);
const ask = await (kind === 'duckdb' ? duckdb(where) : postgres(where));
for await (const line of createInterface({ input: process.stdin })) {
    const began = process.hrtime.bigint();
    const { sql, limit_s: limit } = JSON.parse(line);
    let reply;
    try {
        const rows = await ask(sql, limit * 1000);
        reply = { rows, ms: Number(process.hrtime.bigint() - (rows.started ?? began)) / 1e6 };
    } catch (error) {
        const said = String(error.message ?? error);
        reply = /statement timeout|interrupt/i.test(said) ? { slow: true } : { error: said };
    }
    process.stdout.write(JSON.stringify(reply, (_, value) =>
        typeof value === 'bigint' ? String(value) : value) + '\n');
}
process.exit(0);
