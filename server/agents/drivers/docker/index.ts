export { createDocker } from './docker.ts'
