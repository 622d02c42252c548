export { hasRoom } from '#db/disk-space.ts'
