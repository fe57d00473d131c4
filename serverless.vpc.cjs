/**
 * The VPC of the functions that reach the premises: SLIPWAY_SUBNETS and SLIPWAY_SECURITY_GROUPS, ids with commas between.
 * Without them the functions are in no VPC, and reach what the internet reaches.
 */
const ids = (text) => (text ? text.split(',').map((id) => id.trim()) : undefined);

module.exports = () => {
  const subnetIds = ids(process.env.SLIPWAY_SUBNETS);
  const securityGroupIds = ids(process.env.SLIPWAY_SECURITY_GROUPS);
  if (!subnetIds !== !securityGroupIds)
    throw new Error('SLIPWAY_SUBNETS and SLIPWAY_SECURITY_GROUPS belong together: set both, or none');
  return subnetIds ? { subnetIds, securityGroupIds } : null;
};
