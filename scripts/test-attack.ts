import { spawnSync } from 'node:child_process'
import { ensureBuilt } from './build.ts'

ensureBuilt()
const { status } = spawnSync('npx', ['vitest', 'run', '--config', 'vitest.attack.config.ts', ...process.argv.slice(2)], {
  stdio: 'inherit',
})
process.exit(status ?? 1)
