import { serveTelemetry } from '../http/telemetry.server.ts'

export const loader = serveTelemetry
export const action = loader
