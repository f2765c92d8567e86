/**
 * Every `*` that a role of the deployment is allowed, each with its reason. The test beside it fails on one that is not
 * listed, and on a listed one that no role has any more: the list may only shrink. A new entry needs a reason that names
 * what AWS (or CDK) leaves no finer choice.
 */
export interface AllowedWildcard {
  /** Roles, as stack/construct. */
  readonly roles: readonly string[];
  readonly actions: readonly string[];
  /** As test/support/iam.ts writes them. */
  readonly resources: readonly string[];
  readonly reason: string;
}

const HOSTS = ['replay/replayrole', 'druid/hostdruidrole', 'airflow/airflowrole', 'superset/supersetrole'];

/** What CDK's `grantReadWrite` of a bucket gives, on the bucket and on its objects. */
const S3_READ = ['s3:GetBucket*', 's3:GetObject*', 's3:List*'];
const S3_READ_WRITE = [...S3_READ, 's3:Abort*', 's3:DeleteObject*'];
const S3_PUT = [
  's3:PutObject',
  's3:PutObjectLegalHold',
  's3:PutObjectRetention',
  's3:PutObjectTagging',
  's3:PutObjectVersionTagging',
];

const inAccount = (service: string, resource: string): string =>
  `arn:<AWS::Partition>:${service}:<AWS::Region>:<AWS::AccountId>:${resource}`;

const ofCluster = (kind: string, prefix: string): string => `<other stack>:${kind}/<other stack>/${prefix}*`;

/** The framework of a custom resource calls our functions, whatever their version. */
const framework = (
  stack: string,
  provider: string,
  functions: readonly string[],
  waits: boolean,
): AllowedWildcard[] => [
  {
    roles: [`${stack}/${provider}oneventrole`, ...(waits ? [`${stack}/${provider}iscompleterole`] : [])],
    actions: ['lambda:InvokeFunction'],
    resources: functions.map((name) => `<${name}>:*`),
    reason: "CDK's framework may call any version of the function that it is for: its grants end in ':*'",
  },
  ...(waits
    ? [
        {
          roles: [`${stack}/${provider}frameworkwaiterstatemachineRole`],
          actions: ['lambda:InvokeFunction'],
          resources: [`<${provider}frameworkframeworkisComplete>:*`, `<${provider}frameworkframeworkonTimeout>:*`],
          reason: "CDK's waiter may call any version of the framework's own functions",
        },
      ]
    : []),
];

export const ALLOWED_WILDCARDS: readonly AllowedWildcard[] = [
  {
    roles: [
      ...['replay/replayrole', 'replay/gateway', 'druid/hostdruidrole', 'airflow/airflowrole'],
      'spark/emrrolesnodes',
    ],
    actions: ['kafka:GetBootstrapBrokers'],
    resources: ['*'],
    reason: "takes no resource in AWS' Service Authorization Reference; it reveals addresses alone",
  },
  {
    roles: ['foundation/databasesetuprole'],
    actions: [
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resources: ['*'],
    reason: "Lambda creates the function's network interfaces in its own name: they have no ARN before",
  },
  {
    roles: HOSTS,
    actions: ['cloudwatch:PutMetricData'],
    resources: ['*'],
    reason: 'takes no resource; a condition binds it to the namespace of the deployment',
  },
  {
    roles: ['druid/hostdruidrole'],
    actions: ['ec2:DescribeInstances', 'ec2:DescribeNetworkInterfaces'],
    resources: ['*'],
    reason: 'describing takes no resource: the host asks who has its address before it takes it',
  },
  {
    roles: ['druid/hostdruidrole'],
    actions: ['ec2:AttachNetworkInterface', 'ec2:DetachNetworkInterface'],
    resources: [inAccount('ec2', 'instance/*')],
    reason: "the group's next instance has no id yet; a condition binds it to the host's name",
  },
  {
    roles: ['druid/hostdruidrole'],
    actions: S3_READ_WRITE,
    resources: ['<segments>', '<segments>/*'],
    reason: "Druid's deep storage, whole: CDK's grant names variants of an action by prefix",
  },
  { roles: ['druid/hostdruidrole'], actions: S3_PUT, resources: ['<segments>/*'], reason: "objects of Druid's bucket" },
  {
    roles: ['druid/hostdruidrole'],
    actions: ['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'],
    resources: [ofCluster('group', 'kafka-supervisor-')],
    reason: 'Druid makes up a consumer group for each task, with this prefix',
  },
  {
    roles: ['druid/specsiscompleterole'],
    actions: ['autoscaling:DescribeAutoScalingGroups', 'ssm:DescribeInstanceInformation'],
    resources: ['*'],
    reason: 'describing takes no resource',
  },
  {
    roles: ['druid/specsiscompleterole'],
    actions: ['ssm:GetCommandInvocation', 'ssm:ListCommands'],
    resources: ['*'],
    reason: "Systems Manager binds a command's result to no resource",
  },
  {
    roles: ['druid/specsiscompleterole'],
    actions: ['ssm:SendCommand'],
    resources: [inAccount('ec2', 'instance/*')],
    reason: "the group's next instance has no id yet; a condition binds it to the host's name",
  },
  ...framework('druid', 'specsprovider', ['specsiscomplete', 'specsonevent'], true),
  {
    roles: ['airflow/airflowrole'],
    actions: ['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'],
    resources: [ofCluster('group', 'igrid-history')],
    reason:
      'groups are granted by prefix: programs that make up their names (Spark, Druid) add to it, this one does not',
  },
  {
    roles: ['airflow/airflowrole'],
    actions: ['kafka-cluster:AlterTransactionalId', 'kafka-cluster:DescribeTransactionalId'],
    resources: [ofCluster('transactional-id', 'igrid-history')],
    reason: 'transactional ids are granted by prefix',
  },
  {
    roles: ['spark/emrrolesnodes'],
    actions: ['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'],
    resources: [ofCluster('group', 'igrid-spark')],
    reason: 'Spark makes up a consumer group for each query, with this prefix',
  },
  {
    roles: ['spark/emrrolesnodes'],
    actions: S3_READ_WRITE,
    resources: ['<bucket>', '<bucket>/checkpoint/*', '<bucket>/logs/*'],
    reason: "the job's checkpoint and EMR's logs: CDK's grant names variants of an action by prefix",
  },
  {
    roles: ['spark/emrrolesnodes'],
    actions: S3_PUT,
    resources: ['<bucket>/checkpoint/*', '<bucket>/logs/*'],
    reason: 'objects below two prefixes',
  },
  {
    roles: ['spark/emrrolesnodes'],
    actions: ['logs:DescribeLogGroups'],
    resources: [inAccount('logs', 'log-group:*')],
    reason: 'EMR asks for it, and listing takes a pattern, never one group',
  },
  {
    roles: ['spark/emrrolesnodes', 'spark/emrrolesservice'],
    actions: ['kms:GenerateDataKey*', 'kms:ReEncrypt*'],
    resources: ['<other stack>'],
    reason: 'variants of two actions, on the one key',
  },
  {
    roles: ['foundation/trustissuerrole'],
    actions: ['kms:GenerateDataKey*', 'kms:ReEncrypt*'],
    resources: ['<key>'],
    reason: 'variants of two actions, on the one key',
  },
  ...framework('foundation', 'trustprovider', ['trustissuer'], false),
  ...framework('foundation', 'databaseprovider', ['databasesetup'], false),
  ...framework('foundation', 'databaseprotectionprovider', ['databaseprotectionhandler'], false),
  {
    roles: ['downloads/iscompleterole', 'downloads/oneventrole'],
    actions: ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:GetObject'],
    resources: ['<bucket>/*'],
    reason: 'every object of the bucket of staged files, which is for nothing else',
  },
  {
    roles: ['downloads/iscompleterole'],
    actions: ['s3:ListMultipartUploadParts', 's3:PutObject'],
    resources: ['<bucket>/*'],
    reason: 'every object of the bucket of staged files, which is for nothing else',
  },
  ...framework('downloads', 'provider', ['iscomplete', 'onevent'], true),
  {
    roles: ['spark/emrcleanupiscompleterole'],
    actions: ['ec2:DescribeSecurityGroupRules', 'elasticmapreduce:ListClusters'],
    resources: ['*'],
    reason: 'describing and listing take no resource',
  },
  {
    roles: ['spark/controlleriscompleterole'],
    actions: [
      'elasticmapreduce:AddJobFlowSteps',
      'elasticmapreduce:CancelSteps',
      'elasticmapreduce:DescribeCluster',
      'elasticmapreduce:ListSteps',
    ],
    resources: [inAccount('elasticmapreduce', 'cluster/*')],
    reason: 'an update may have to end the step of the cluster that it replaces, whose id only the update knows',
  },
  ...framework('spark', 'controllerprovider', ['controlleriscomplete', 'controlleronevent'], true),
  ...framework('spark', 'emrcleanup', ['emrcleanupiscomplete', 'emrcleanuponevent'], true),
];
