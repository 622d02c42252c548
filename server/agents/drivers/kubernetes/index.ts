export { createKubernetes } from './kubernetes.ts'
