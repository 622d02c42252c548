import { AppError } from '#server/platform/core/index.ts'

export class ExportRunning extends AppError {
  constructor() {
    super('conflict', 'EXPORT_RUNNING', 'An export of this workspace is being prepared already.')
  }
}

/** Each reads everything a workspace has, and is kept for a day. */
export class ExportLimitReached extends AppError {
  constructor(limit: number, retryAfterSeconds: number) {
    super('rate_limited', 'EXPORT_LIMIT_REACHED', `A workspace can be exported ${limit} times a day.`, { limit, retryAfterSeconds })
  }
}

export class ExportNotFound extends AppError {
  constructor(exportId: string) {
    super('not_found', 'EXPORT_NOT_FOUND', `There is no export "${exportId}", or its archive is no longer kept.`, { exportId })
  }
}
