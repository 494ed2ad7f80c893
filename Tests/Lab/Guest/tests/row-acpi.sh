# Ten resumes in a row are ten changes, and how soon each of them is in the page.
# kernels: one
# needs: acpi
# resumes: 10

. /lab/library/hardware.sh
serve_through_ten_resumes --backend acpi
