# Ten resumes in a row are ten changes, and how soon each of them is in the page.
# needs: device-tree device-tree-driver
# words: iomem=relaxed
# resumes: 10

. /lab/library/devicetree.sh
serve_through_ten_resumes --backend devicetree
