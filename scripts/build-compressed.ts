import { compressFolder } from './compress-folder.ts'

await compressFolder('build/client')
