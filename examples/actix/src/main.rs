//! A SCIM 2.0 server on actix-web: `cargo run -p scim-example-actix -- --help`.

use std::error::Error;

use actix_web::{App, HttpServer, middleware::Logger, rt};
use scim_example_actix::mount;
use scim_example_options::{Options, log_to_stderr};

fn main() -> Result<(), Box<dyn Error>> {
    let Some(options) = Options::from_command_line()? else { return Ok(()) };
    log_to_stderr();
    rt::System::new().block_on(serve(options))
}

/// Serves until Ctrl-C or SIGTERM, which actix-web listens for itself.
async fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let server = options.server()?;
    // Method, path, status and time. Queries stay out: filters name people.
    let app = move || {
        let logger = Logger::new("%{method}xi %U %s %Ts")
            .custom_request_replace("method", |request| request.method().to_string());
        App::new().wrap(logger).configure(mount(server.clone()))
    };
    let listening = HttpServer::new(app).bind(options.listen)?;
    for address in listening.addrs() {
        options.announce(address)?;
    }
    Ok(listening.run().await?)
}
