use super::{at, one};

#[test]
fn pointers_lead_to_keys_and_items() {
    let document = one(
        "# c\nspec:\n  containers:\n    - name: web\n      image: \"x\"\n    -\n      name: b\n  a/b: 1\n  a~b: 2\n",
    );
    let table = [
        ("", at(2, 1)),
        ("/spec", at(2, 1)),
        ("/spec/containers", at(3, 3)),
        ("/spec/containers/0", at(4, 7)),
        ("/spec/containers/0/image", at(5, 7)),
        ("/spec/containers/1", at(7, 7)),
        ("/spec/a~1b", at(8, 3)),
        ("/spec/a~0b", at(9, 3)),
        ("/spec/containers/0/resources/limits", at(4, 7)),
        ("/spec/containers/7/image", at(3, 3)),
        ("/spec/containers/-", at(3, 3)),
        ("/spec/a~1b/deeper", at(8, 3)),
        ("/nothing", at(2, 1)),
    ];
    for (pointer, position) in table {
        assert_eq!(document.locate(pointer), position, "{pointer}");
    }
}

#[test]
fn values_know_where_they_start() {
    let document = one("grün: \"ü\"\nblock: |\n  text\nempty:\nalias: &a [1]\nagain: *a\n");
    let starts = |key: &str| document.get(key).unwrap().position;
    assert_eq!(starts("grün"), at(1, 7));
    assert_eq!(starts("block"), at(3, 3));
    assert_eq!(starts("empty").line, 4);
    assert_eq!(starts("alias"), at(5, 11));
    assert_eq!(starts("again"), at(6, 8));
}

#[test]
fn a_byte_order_mark_takes_no_column() {
    assert_eq!(one("\u{feff}a: 1\n").locate("/a"), at(1, 1));
}
