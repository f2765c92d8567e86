import { Stack } from 'aws-cdk-lib';
import * as scaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

export interface StorageScalingProps {
  readonly clusterArn: string;
  /** Disk of a broker at creation, GiB. */
  readonly storageGiB: number;
  /** GiB. */
  readonly maxStorageGiB: number;
}

/** Percent of a broker's disk in use above which MSK grows it. */
export const STORAGE_TARGET_PERCENT = 60;

/**
 * Brokers' disks grow by themselves; MSK can't shrink them. Application Auto Scaling acts through its service-linked
 * role, which it makes when it needs it; without a role here CDK would make one that is never used.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
 */
export class StorageScaling extends Construct {
  constructor(scope: Construct, id: string, props: StorageScalingProps) {
    super(scope, id);
    const target = new scaling.ScalableTarget(this, 'target', {
      serviceNamespace: scaling.ServiceNamespace.KAFKA,
      resourceId: props.clusterArn,
      scalableDimension: 'kafka:broker-storage:VolumeSize',
      minCapacity: props.storageGiB,
      maxCapacity: props.maxStorageGiB,
      role: iam.Role.fromRoleArn(
        this,
        'role',
        Stack.of(this).formatArn({
          service: 'iam',
          region: '',
          resource: 'role/aws-service-role/kafka.application-autoscaling.amazonaws.com',
          resourceName: 'AWSServiceRoleForApplicationAutoScaling_KafkaCluster',
        }),
      ),
    });
    target.scaleToTrackMetric('utilisation', {
      predefinedMetric: scaling.PredefinedMetric.KAFKA_BROKER_STORAGE_UTILIZATION,
      targetValue: STORAGE_TARGET_PERCENT,
      disableScaleIn: true,
    });
  }
}
