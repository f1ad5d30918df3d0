//! Connections (连接): how many, how long they may take to say what they want, and where they really come from.

use crate::{Site, router};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

/// Open connections at a time; more wait in the system's queue.
const CONNECTIONS: usize = 2048;
/// Largest head, bytes.
const HEAD: usize = 64 * 1024;
/// Requests in work are waited for so long when the program stops.
const LAST_ORDERS: Duration = Duration::from_secs(10);

/// Who is let in, and on what terms.
#[derive(Debug, Clone)]
pub struct Door {
    /// Addresses whose `X-Forwarded-For` is believed; anybody else could write there what they like.
    pub proxies: Vec<IpAddr>,
    /// Open connections of one address that is no trusted proxy; the next is closed at once.
    pub per_address: usize,
    /// A request's head must be whole after this; an idle connection ends after it too.
    pub head_time: Duration,
}

impl Default for Door {
    /// No proxy; more connections than an office behind one address has; time enough for a bad line.
    fn default() -> Door {
        Door {
            proxies: Vec::new(),
            per_address: 256,
            head_time: Duration::from_secs(15),
        }
    }
}

/// Open connections by address.
type Open = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// A place among the connections of one address; free again when it goes out of scope.
struct Seat {
    open: Open,
    address: IpAddr,
}

impl Seat {
    fn take(open: &Open, address: IpAddr, most: usize) -> Option<Seat> {
        let mut counts = open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if most <= *count {
            return None;
        }
        *count += 1;
        Some(Seat {
            open: open.clone(),
            address,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counts = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

/// Serves until `stop` resolves; requests in work are finished first.
///
/// # Errors
/// None today; the listener's own are waited out.
pub async fn serve(
    site: Site,
    listener: TcpListener,
    door: Door,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = router(site);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let open = Open::default();
    let graceful = GracefulShutdown::new();
    let mut connections = http1::Builder::new();
    connections
        .timer(TokioTimer::new())
        .header_read_timeout(door.head_time)
        .max_buf_size(HEAD);
    let mut stop = std::pin::pin!(stop);
    loop {
        let place = tokio::select! {
            place = room.clone().acquire_owned() => place,
            () = &mut stop => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(e) => {
                // Most often out of file descriptors: connections in work give some back.
                tracing::warn!(error = %e, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let trusted = door.proxies.contains(&peer.ip());
        let seat = Seat::take(&open, peer.ip(), door.per_address);
        if seat.is_none() && !trusted {
            tracing::warn!(address = %peer.ip(), "too many connections of one address");
            continue;
        }
        let router = router.clone();
        let service = tower::service_fn(move |mut request: Request<Incoming>| {
            let from = if trusted { forwarded(&request) } else { None };
            let from = from.map_or(peer, |address| SocketAddr::new(address, peer.port()));
            request.extensions_mut().insert(ConnectInfo(from));
            router.clone().oneshot(request.map(Body::new))
        });
        let connection =
            connections.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            // Ends badly when the visitor goes away or is too slow: no fault of ours.
            if let Err(e) = watched.await {
                tracing::debug!(error = %e, "a connection ended early");
            }
            drop((place, seat));
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(LAST_ORDERS) => tracing::warn!("stopped with requests in work"),
    }
    Ok(())
}

/// The last address that the proxy itself wrote.
fn forwarded(request: &Request<Incoming>) -> Option<IpAddr> {
    let lines = request.headers().get_all("x-forwarded-for");
    let last = lines.iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}
