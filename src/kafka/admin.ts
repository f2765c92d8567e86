import type { Admin, Kafka } from 'kafkajs';

/** Does something as an administrator of the cluster, over a connection that ends with it. @throws what `work` throws. */
export async function withAdmin<Result>(kafka: Kafka, work: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    // Nothing depends on it any more, and a connection that could not be made can't be ended.
    await admin.disconnect().catch(() => undefined);
  }
}
