import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { InvalidConfiguration, type Env } from '#server/platform/core/index.ts'
import { OPENCLAW_VERSION } from '../openclaw/index.ts'

/** OpenClaw as it is installed here. */
export interface Installation {
  /** The program, to be run with Node. */
  program: string
  version: string
  /** How this version is called where images are named. */
  image: string
}

/**
 * Finds OpenClaw in `OPENCLAW_DIR`, else where npm puts it beside this server or in the data folder. It is
 * no dependency of this server, for it is large and most do without.
 *
 * @throws InvalidConfiguration with the command that installs it.
 */
export function findOpenClaw({ OPENCLAW_DIR, DATA_DIR }: Pick<Env, 'OPENCLAW_DIR' | 'DATA_DIR'>): Installation {
  const prefix = join(DATA_DIR, 'openclaw')
  const folders = OPENCLAW_DIR ? [OPENCLAW_DIR] : ['node_modules/openclaw', join(prefix, 'node_modules/openclaw')]
  const found = folders.map((folder) => resolve(folder)).find((folder) => existsSync(join(folder, 'openclaw.mjs')))
  if (!found) {
    const where = OPENCLAW_DIR
      ? `OPENCLAW_DIR: there is no OpenClaw in ${OPENCLAW_DIR}`
      : 'RUNTIME: "process" needs OpenClaw, which is not installed'
    throw new InvalidConfiguration([`${where}; run: npm install --prefix ${prefix} openclaw@${OPENCLAW_VERSION}`])
  }
  const { version } = JSON.parse(readFileSync(join(found, 'package.json'), 'utf8')) as { version: string }
  return { program: join(found, 'openclaw.mjs'), version, image: `openclaw@${version}` }
}
