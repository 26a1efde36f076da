use graven::StableLayout;

#[derive(StableLayout)]
#[layout(version = 1)]
struct Unit;

fn main() {
    vec![Unit, Unit].encoded_len();
}
