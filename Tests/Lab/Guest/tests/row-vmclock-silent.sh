# Ten resumes in a row are ten changes, and how soon each of them is in the page.
# needs: vmclock
# vmclock: silent
# resumes: 10

. /lab/library/vmclock.sh
serve_through_ten_resumes --backend vmclock
