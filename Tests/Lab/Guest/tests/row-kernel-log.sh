# Ten resumes in a row are ten changes, and how soon each of them is in the page.
# kernels: one
# needs: acpi
# resumes: 20

. /lab/library/hardware.sh
measure_floor
serve_through_ten_resumes --backend kernel-log
