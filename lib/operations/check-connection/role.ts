/** Kinds of objects on which privileges are needed. `vm-template` is a template that is an ordinary VM. */
export type Holder =
  | 'vcenter'
  | 'datacenter'
  | 'folder'
  | 'resource-pool'
  | 'cluster'
  | 'datastore'
  | 'network'
  | 'template'
  | 'vm-template';

/** A privilege that our calls need. */
export interface Privilege {
  id: string;
  on: Holder;
  why: string;
  /** Needed for this feature alone. */
  feature?: string;
}

/**
 * The privileges that our calls need, where they are checked, and no others. docs/vcenter-role.md has the same as commands; a
 * test compares them. System.Anonymous, System.View and System.Read are in every role that is made.
 *
 * Sources, by the calls' "Required privileges" unless said otherwise:
 * - vSphere Web Services API reference, 8.0.3 and 9.0: CloneVM_Task (template: DeployTemplate, a VM: Clone; CreateFromExisting on
 *   the folder, AssignVMToPool on the pool, AllocateSpace on the datastores), PowerOnVM_Task, PowerOffVM_Task, Destroy_Task,
 *   CreateFolder, MoveIntoFolder_Task, SetField, ReconfigureComputeResource_Task, HasPrivilegeOnEntities. RecommendDatastores
 *   needs System.View and no more; applying its recommendation by ApplyStorageDrsRecommendation_Task, which we do not, would
 *   need Resource.ApplyRecommendation on the datastore cluster.
 *   https://developer.broadcom.com/xapis/virtual-infrastructure-json-api/latest
 * - the same, ReconfigVM_Task and VirtualMachineConfigSpec ("Reconfigure privilege" of each field)
 * - vSphere Security 6.7 to 8.0, "Required Privileges for Common Tasks" (a template is deployed: AddNewDisk on the folder) and
 *   "Defined Privileges"
 * - StorageProfile.View has kept its id from 7.0 to 8.0:
 *   https://williamlam.com/2023/06/improved-vm-storage-policy-profile-driven-storage-privileges-in-vsphere-8-x.html
 */
export const ROLE: readonly Privilege[] = [
  // Every call reads. HasPrivilegeOnEntities wants System.Read on each object that is asked for.
  { id: 'System.Read', on: 'vcenter', why: 'reads the inventory' },
  { id: 'System.Read', on: 'datacenter', why: 'reads the inventory' },
  { id: 'System.Read', on: 'cluster', why: 'reads the inventory' },

  // CloneVM_Task. VirtualMachine.Provisioning.Customize is for guest customization, which we do not use.
  { id: 'VirtualMachine.Provisioning.DeployTemplate', on: 'template', why: 'clones the template' },
  { id: 'VirtualMachine.Provisioning.Clone', on: 'vm-template', why: 'clones a VM that is no template' },
  { id: 'Resource.AssignVMToPool', on: 'resource-pool', why: 'nodes run there' },
  { id: 'Datastore.AllocateSpace', on: 'datastore', why: 'disks of nodes lie there' },
  { id: 'Network.Assign', on: 'network', why: 'nodes are connected to it' },
  // "Deploy a virtual machine from a template": both, on the destination folder.
  { id: 'VirtualMachine.Inventory.CreateFromExisting', on: 'folder', why: 'nodes lie there' },
  { id: 'VirtualMachine.Config.AddNewDisk', on: 'folder', why: 'a clone has new disks' },
  // VirtualMachineConfigSpec of the clone: numCPUs, memoryMB, extraConfig, instanceUuid.
  { id: 'VirtualMachine.Config.CPUCount', on: 'folder', why: 'the vCPUs of a pool' },
  { id: 'VirtualMachine.Config.Memory', on: 'folder', why: 'the memory of a pool' },
  {
    id: 'VirtualMachine.Config.AdvancedConfig',
    on: 'folder',
    why: "marks, guestinfo and the disks' UUIDs (extraConfig)",
  },
  { id: 'VirtualMachine.Config.Settings', on: 'folder', why: 'the instance UUID, by which a node is known' },
  { id: 'VirtualMachine.Interact.PowerOn', on: 'folder', why: 'switches nodes on' },
  { id: 'VirtualMachine.Interact.PowerOff', on: 'folder', why: 'switches nodes off before they are destroyed' },
  // Destroy_Task: on the VM and on its parent.
  { id: 'VirtualMachine.Inventory.Delete', on: 'folder', why: 'destroys nodes' },

  // Features. deviceChange of VirtualMachineConfigSpec: NICs are replaced by removing and adding devices.
  { id: 'VirtualMachine.Config.AddRemoveDevice', on: 'folder', why: 'replaces NICs', feature: 'networks' },
  { id: 'VirtualMachine.Config.EditDevice', on: 'folder', why: 'changes NICs', feature: 'networks' },
  { id: 'VirtualMachine.Config.DiskExtend', on: 'folder', why: 'grows the disk', feature: 'disk size' },
  {
    id: 'VirtualMachine.Config.Resource',
    on: 'folder',
    why: 'cpuAllocation, memoryAllocation',
    feature: 'reservations',
  },
  // ReconfigVM_Task says Annotation; the field's own documentation says Config.Rename, as it was before 4.0.
  { id: 'VirtualMachine.Config.Annotation', on: 'folder', why: 'writes the notes', feature: 'annotation' },
  { id: 'Global.SetCustomField', on: 'folder', why: 'sets values (setCustomValue)', feature: 'custom attributes' },
  // CreateFolder; MoveIntoFolder_Task on VM, source and destination; Destroy_Task on folder and parent.
  { id: 'Folder.Create', on: 'folder', why: 'makes the folder to empty', feature: 'removal by folder' },
  { id: 'Folder.Delete', on: 'folder', why: 'destroys it with its VMs', feature: 'removal by folder' },
  { id: 'VirtualMachine.Inventory.Move', on: 'folder', why: 'moves nodes into it', feature: 'removal by folder' },
  { id: 'StorageProfile.View', on: 'vcenter', why: 'finds the policy by its name', feature: 'storage policy' },
  { id: 'Sessions.TerminateSession', on: 'vcenter', why: 'ends sessions of functions that died', feature: 'sessions' },
  { id: 'Host.Inventory.EditCluster', on: 'cluster', why: 'keeps the DRS rule', feature: 'anti-affinity' },
];
