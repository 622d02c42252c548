import { createBenchDatabase } from './bench/postgres.ts'
import { load } from './bench/load.ts'
import { seedAccount } from './bench/seed.ts'
import { spawn } from 'node:child_process'
const database = await createBenchDatabase()
const child = spawn(process.execPath, ['--cpu-prof','--cpu-prof-dir=/tmp/prof','app/http/serve.ts'], { env: { ...process.env, NODE_ENV:'production', PORT:'3199', DATA_DIR:'/tmp/bpdata', LOG_LEVEL:'error', RATE_LIMIT_SCALE:'1000000', DATABASE_URL: database.url, APP_SECRET:'only for benchmarks, and long enough for that' }, stdio:['ignore','pipe','inherit'] })
await new Promise(r => child.stdout.once('data', r))
const url='http://127.0.0.1:3199'
const { key } = await seedAccount(url, database.url, { agents: 100, messagesPerAgent: 0 })
console.log(await load({url, cpuMs:()=>0} as never, { path: '/api/agents', headers: { authorization: `Bearer ${key}` } }, 8))
child.kill('SIGTERM'); await new Promise(r=>child.once('exit',r)); await database.drop()
