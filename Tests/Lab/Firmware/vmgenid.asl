// QEMU's table of the VM generation ID, with one line more: at a resume, the vmclock is told of as well. The kernel takes
// it in the place of QEMU's, whose names it has, since its revision is higher. See "Upgrading ACPI tables via initrd" in
// the kernel's documentation.
DefinitionBlock ("", "SSDT", 1, "BOCHS ", "VMGENID", 0x00000002)
{
    External (\_SB.VCLK, DeviceObj)

    // The firmware writes the address to QEMU's table only. Of all that it places it places this first, and so in the
    // last page of the memory, of which a machine has 512 MiB.
    Name (VGIA, 0x1FFFF000)

    Scope (\_SB)
    {
        Device (VGEN)
        {
            Name (_HID, "QEMUVGID")
            Name (_CID, "VM_Gen_Counter")
            Name (_DDN, "VM_Gen_Counter")

            Method (ADDR)
            {
                Local0 = Package (2) {}
                Local0[0] = VGIA + 0x28
                Local0[1] = 0
                Return (Local0)
            }
        }
    }

    Method (\_GPE._E05)
    {
        Notify (\_SB.VGEN, 0x80)
        Notify (\_SB.VCLK, 0x80)
    }
}
