"""An experiment over a data set: photographs with their classes and boxes, maps of them, rows of numbers, a table.

    datasets     photographs with boxes: Pascal VOC, COCO, and what their categories are called in ImageNet
    examples     what is explained: photographs of any data set, each with a class
    judge        the map of one example by one method, and what the metrics say of it
    rows         the numbers on disk, written as they come
    settings     what they are of, beside them, held by who writes them
    identity     what tells one function from another
    cluster      the same on many processes or machines
    summary      from the rows to the table, with intervals
    benchmark    all of it, in one call

What is public is imported from `tp_visualisation.evaluation`.
"""
