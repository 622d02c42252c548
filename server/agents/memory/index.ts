export { clearMemory, memoryStoreOf, readWholeMemory } from './memory.service.ts'
