import { writeFile } from 'node:fs/promises'
import { databasesOn } from '../db/client.ts'
import { openInMemory, templateFile } from '../db/embedded.ts'
import { migrateToLatest } from '../db/migrate.ts'

// The last step of the build: its file says when the build was made.
const engine = await openInMemory()
const databases = databasesOn(engine)
await migrateToLatest(databases.system)
// What is loaded later need not be put together from its log first.
await engine.lite.exec('checkpoint')
await writeFile(templateFile, Buffer.from(await (await engine.lite.dumpDataDir('none')).arrayBuffer()))
await databases.close()
