use graven::{StableLayout, Table};

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(index(
    the_field_with_a_very_long_name_that_is_number_0,
    the_field_with_a_very_long_name_that_is_number_1,
    the_field_with_a_very_long_name_that_is_number_2,
    the_field_with_a_very_long_name_that_is_number_3,
    the_field_with_a_very_long_name_that_is_number_4,
    name = "long"
))]
struct User {
    #[table(key)]
    id: u64,
    the_field_with_a_very_long_name_that_is_number_0: u64,
    the_field_with_a_very_long_name_that_is_number_1: u64,
    the_field_with_a_very_long_name_that_is_number_2: u64,
    the_field_with_a_very_long_name_that_is_number_3: u64,
    the_field_with_a_very_long_name_that_is_number_4: u64,
}

fn main() {}
