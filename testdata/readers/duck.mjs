// Runs a query by DuckDB and prints its rows as JSON, every value as text: lists with commas, missing ones as null.
import { DuckDBInstance } from '@duckdb/node-api';

const text = (v) => v === null ? null : Array.isArray(v) ? v.map(text).join(',') : typeof v === 'boolean' ? String(Number(v)) : String(v);
const db = await (await DuckDBInstance.create(':memory:')).connect();
const rows = await db.runAndReadAll(process.argv[2]);
console.log(JSON.stringify(rows.getRowsJson().map((row) => row.map(text))));
